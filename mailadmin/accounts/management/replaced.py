"""Commands of Django's that do not fit here: they say what does, whatever their arguments."""

from typing import Any, NoReturn

from django.core.management.base import CommandError

from mailadmin.core.commands.one_line import OneLineCommand


class ReplacedCommand(OneLineCommand):
    def instead(self) -> str:
        """Return the command to use, in one sentence."""
        raise NotImplementedError

    def run_from_argv(self, argv: list[str]) -> None:
        super().run_from_argv(argv if {"-h", "--help"} & set(argv) else argv[:2])

    def handle(self, *_args: Any, **_options: Any) -> NoReturn:
        raise CommandError(self.instead())
