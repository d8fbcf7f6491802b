"""The files of a desk as a whole: loaded, checked, written anew, tried against its servers."""
