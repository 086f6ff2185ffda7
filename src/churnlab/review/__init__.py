"""What a reviewer asks: is this revision better than that one, on the same customers?"""
