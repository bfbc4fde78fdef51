"""Where our dates and times differ from Django's; one package for each language, as FORMAT_MODULE_PATH has it."""
