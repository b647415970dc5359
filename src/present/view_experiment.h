#pragma once
/* An experiment and a comparison of a thing with itself, in the form of view.h. */

#include "model/experiment.h"
#include "present/doc.h"

void view_experiment(Doc *doc, const Experiment *experiment, const Comparison *comparison);
void view_null_trials(Doc *doc, const NullTrials *trials);
