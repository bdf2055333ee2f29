"""Search: finding products by words, also misspelt, and suggestions while somebody types.

Owns the index in the data folder, `search_synonyms`, `search_queries` and `product_popularity`. Promises: what is changed can
be found within a second, what is deleted or hidden is not shown; an index that is damaged or behind is noticed and built
anew, while the old one goes on being served.
"""

from entrepot.search.by_hand import index_state, rebuild_index
from entrepot.search.events import CACHE_TAGS
from entrepot.search.index import SearchIndex
from entrepot.search.jobs import JOBS
from entrepot.search.synonyms import CONSTRAINTS

__all__ = ["CACHE_TAGS", "CONSTRAINTS", "JOBS", "SearchIndex", "index_state", "rebuild_index"]
