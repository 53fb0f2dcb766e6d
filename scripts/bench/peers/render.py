"""Views of a cloud by Open3D's visualiser: render.py points.f64 normals.f64 rotations.f64 window size point_size

Needs a display: start it with xvfb-run where there is none.
"""
import sys

import numpy as np
import open3d
from PIL import Image

from peer import serve

points = np.fromfile(sys.argv[1]).reshape(-1, 3)
normals = np.fromfile(sys.argv[2]).reshape(-1, 3)
rotations = np.fromfile(sys.argv[3]).reshape(-1, 3, 3)
window, size, point_size = int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])

cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points))
cloud.normals = open3d.utility.Vector3dVector(normals)
cloud.paint_uniform_color([0.7, 0.7, 0.7])
visualizer = open3d.visualization.Visualizer()
if not visualizer.create_window(width=window, height=window, visible=False):
    sys.exit("no display")
visualizer.get_render_option().point_size = point_size
centre = points.mean(axis=0)


def render():
    for rotation in rotations:
        turned = open3d.geometry.PointCloud(cloud)
        turned.rotate(rotation, centre)
        visualizer.clear_geometries()
        visualizer.add_geometry(turned)
        visualizer.poll_events()
        visualizer.update_renderer()
        picture = np.asarray(visualizer.capture_screen_float_buffer())
        Image.fromarray((picture * 255).astype(np.uint8)).resize((size, size), Image.BICUBIC)


serve(f"Open3D {open3d.__version__} on a software display", render)
