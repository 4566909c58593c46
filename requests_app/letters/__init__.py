"""What the portal writes: one template for each notice, in the frames of a mail, of plain text and of a letter."""
