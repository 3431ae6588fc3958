"""Teachers: large models behind their own SDKs or a server of one's own, playing through their dialects.

`setup` says which model and how, `terms` how much may be asked, `teacher` plays; one module a wire format.
"""
