import { createSpawner } from '../../src/processes/spawner.ts'

/** For all tests of a worker. Its process ends with the worker, or when it has not been used for a minute. */
export const sharedSpawner = createSpawner()
