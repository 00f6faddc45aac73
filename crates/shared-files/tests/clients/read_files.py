"""Reads AWS files as botocore does. A path per line comes in, a line of JSON goes out for each."""

import json
import sys

from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError


def read(path):
    try:
        profiles = load_config(path)["profiles"]
    except ConfigParseError:
        return None
    # The nesting is checked by now; here its lines are wanted as they are.
    return {"sections": raw_config_parse(path, parse_subsections=False), "profiles": profiles}


for line in sys.stdin:
    json.dump(read(line.rstrip("\n")), sys.stdout)
    print()
