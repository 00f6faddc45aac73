#!/bin/sh
# A client of the tests: an AWS CLI, which is a process per call. It asks who it is for every line
# that it reads, so that the shell outlives a session. Usage: whoami.sh AWS [OPTION...]
set -eu
aws=$1
shift
while read -r _; do
    "$aws" sts get-caller-identity --query Arn --output text "$@" </dev/null
done
