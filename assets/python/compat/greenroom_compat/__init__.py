"""Scripts written for MUG (Multi-User Gymnasium, formerly Interactive Gym) as studies of Greenroom.

    greenroom check their_script.py

The packages ``mug`` and ``interactive_gym`` beside this one are doors: whatever is imported from them is found here. A
script is not edited; its calls are turned into calls of Greenroom's own builders, one by one, at the script's own lines:

* what Greenroom has is passed on, under its own name if that differs,
* what Greenroom does in any case, or has no need for, is said in a note on standard error,
* what would change the study is refused, with what to write instead,
* what MUG never had goes to the builders as it is: a script may use Greenroom's options at once.

===============  =====================================================================================================
module           what is there
===============  =====================================================================================================
``modules``      which name of theirs is what; the import hook
``attributes``   values of scenes that are read or set instead of told to a method
``options``      how a call of theirs becomes calls of ours: rules for options
``notes``        the script's own line; notes, refusals
``paths``        paths that were relative to the folder that the server was started from
``constants``    words
``pages``        what is in the HTML of pages
``scenes``       pages, questions, the stager and its wrappers
``gym``          game scenes; ``gym_options`` has their tables
``unity``        Unity scenes
``playing``      networks, matchmakers, callbacks
``study``        ``ExperimentConfig``, ``app.run``
``loading``      takes the study from a script that leaves none in a variable
``surface``      the drawing surface             }
``objects``      what environments draw without  }  in the browser too
``environment``  environments as theirs are      }
===============  =====================================================================================================
"""
