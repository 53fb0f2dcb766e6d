"""FPFH with given normals: fpfh.py points.f64 normals.f64 radius neighbours"""
import os
import sys

import numpy as np
import open3d

from peer import serve

cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(np.fromfile(sys.argv[1]).reshape(-1, 3)))
cloud.normals = open3d.utility.Vector3dVector(np.fromfile(sys.argv[2]).reshape(-1, 3))
search = open3d.geometry.KDTreeSearchParamHybrid(float(sys.argv[3]), int(sys.argv[4]))
serve(
    f"Open3D {open3d.__version__}, {os.environ['OMP_NUM_THREADS']} threads",
    lambda: open3d.pipelines.registration.compute_fpfh_feature(cloud, search),
)
