#!/bin/sh
# Stands in for a Go function where only its command line is of interest.
sleep 600 &
trap 'kill $!' TERM
wait
