"""What do the entrances of the frameworks share?"""
