"""The options of commands that say where the configuration is."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Dict

import yaml

from .settings import load_config


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --config and --dump-config."""
    parser.add_argument("--config", "-c", metavar="FILE", help="read configuration from FILE")
    parser.add_argument(
        "--dump-config",
        metavar="WHAT",
        nargs="?",
        const="effective",
        choices=["default", "effective", "full"],
        help="dump out configuration then stop (default, effective, full)",
    )


def config_from(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Dict[str, Any]:
    """The configuration that the options name. Without any, that of a daemon on this machine;"""
    path = args.config
    try:
        config: Dict[str, Any] = load_config(path) if path else {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        parser.error(f"{path}: {error}")
    block = dict(config.get("coordinate") or {})
    if not block.get("address") and not block.get("addresses"):
        block["addresses"] = ["127.0.0.1:5932"]
    config = dict(config, coordinate=block)
    if args.dump_config:
        yaml.safe_dump({} if args.dump_config == "default" else config, sys.stdout, default_flow_style=False)
        sys.exit(0)
    return config
