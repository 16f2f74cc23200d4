select source, unit, pos, stage, place, number, code, column_name, error, excerpt, payload, payload_size, status, pos_end, error_class, payload_sha256 from batchout_dead_letter order by id;
