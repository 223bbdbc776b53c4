"""What is in a file, and is it still that file?"""
