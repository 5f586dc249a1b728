"""What the command is measured against, as its users would write it. Arguments: the app's URL, …"""
