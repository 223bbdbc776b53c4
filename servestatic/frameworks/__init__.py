"""What do the entrances share?"""
