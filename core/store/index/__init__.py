"""The in-process database over run folders: loading new shards and answering queries."""
