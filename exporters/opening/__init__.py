"""What an answer opens with, on paper and on the screen: a letter, what was searched, how data is used, the rights.

Everything here is markup without any look of its own; the document and the report dress it. The words are English, so
whatever the data map or a reviewer wrote carries its own language and direction.
"""
