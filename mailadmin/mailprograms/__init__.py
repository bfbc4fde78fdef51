"""What mail programs are set up with: pages for people, and the forms that programs ask for themselves."""
