"""AUROC and average precision: binary_metrics.py scores.f32 labels.u8"""
import sys

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score

from peer import serve

scores = np.fromfile(sys.argv[1], np.float32)
labels = np.fromfile(sys.argv[2], np.uint8)
serve(
    f"scikit-learn {sklearn.__version__}",
    lambda: (roc_auc_score(labels, scores), average_precision_score(labels, scores)),
)
