"""From a row of the outbox to a mail on its way: templates, tracked links, MIME, and the sending protocol."""
