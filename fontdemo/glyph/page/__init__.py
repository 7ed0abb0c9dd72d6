"""What a character lies on in a picture: a sheet on a desk, ruled lines, shadows. Planes of grey in and out."""
