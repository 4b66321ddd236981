"""The demo's three products: eRestaurant, Xformity, NetPOS. One template, and a program of its own.

It knows of Comptoir what its registration says, and logs people in with a client library that we did not write.
"""
