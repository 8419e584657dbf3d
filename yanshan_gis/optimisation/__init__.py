"""Choosing with proof: sparse integer programs from arrays, solved by HiGHS, and what they say."""
