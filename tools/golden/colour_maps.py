"""Writes matplotlib's colour maps as they are: a name, a tab, 256 colours in hexadecimal.

    python tools/golden/colour_maps.py audio/src/test/resources/golden/colour_maps.tsv

Made with matplotlib 3.11.
"""
import sys

import matplotlib
import numpy as np

with open(sys.argv[1], "w") as out:
    for name in ("viridis", "magma"):
        levels = np.round(np.array(matplotlib.colormaps[name].colors) * 255).astype(int)
        out.write(name + "\t" + "".join("%02x%02x%02x" % tuple(c) for c in levels) + "\n")
