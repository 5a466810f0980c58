"""The edges where people talk: each platform turns happenings into events and shows deliveries."""
