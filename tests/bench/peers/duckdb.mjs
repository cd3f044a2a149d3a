// duckdb.mjs SQL: runs it on one thread, as Sluice's mapping does.
import {DuckDBInstance} from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:', {threads: '1'});
const connection = await instance.connect();
await connection.run(process.argv[2]);
connection.closeSync();
