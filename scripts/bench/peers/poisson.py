"""OpenCV's seamlessClone: poisson.py destination.u8 source.u8 destination_side source_side repetitions"""
import sys

import cv2
import numpy as np

from peer import serve

destination_side, source_side, repetitions = map(int, sys.argv[3:6])
destination = np.fromfile(sys.argv[1], np.uint8).reshape(destination_side, destination_side, 3)
source = np.fromfile(sys.argv[2], np.uint8).reshape(source_side, source_side, 3)
mask = np.full((source_side, source_side), 255, np.uint8)
centre = (destination_side // 2, destination_side // 2)


def blend():
    for _ in range(repetitions):
        cv2.seamlessClone(source, destination, mask, centre, cv2.NORMAL_CLONE)


serve(f"OpenCV {cv2.__version__}", blend)
