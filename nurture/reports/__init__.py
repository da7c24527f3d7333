"""What came of it all: how far people came, how long it takes, what sales says, and which mails helped."""
