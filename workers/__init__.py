"""The Celery engine: the same stages as `services.pipeline`, spread over processes and machines.

    app        the Celery application, configured from the settings
    queues     which task runs in which queue, and how long a queue is
    schedule   what beat starts, and how often
    stage      base class of every task: what is tried again, and when
    tasks      one thin task a stage
    sweep      finds in the index what has been left undone and queues it again
    process    the one context that a worker process holds

Redis holds ids only and may be lost at any moment; the index is the system of record.
"""
