"""Farthest points by Open3D: farthest_points.py points.f64 count"""
import sys

import numpy as np
import open3d as o3d

from peer import serve

points = np.fromfile(sys.argv[1], np.float64).reshape(-1, 3)
cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))
count = int(sys.argv[2])

serve(f"Open3D {o3d.__version__}", lambda: cloud.farthest_point_down_sample(count))
