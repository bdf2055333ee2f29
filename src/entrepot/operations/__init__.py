"""Operations: health, metrics, keys, uploaded files, the API's description and its page."""
