select source, unit, pos, stage, place, number, code, column_name, error, excerpt, payload, payload_size, status from batchout_dead_letter order by id;
