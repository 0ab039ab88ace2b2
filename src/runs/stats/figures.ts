import type { Database } from '../../db/database.ts'
import { type KnownRepository, listRepositories } from './known-repositories.ts'
import { createFindSimilar, type FindSimilar } from './similar-runs.ts'
import { createStatistics, type ReadStatistics } from './statistics.ts'

/** Queries about many runs at once. */
export interface Figures {
  /** The repositories that runs were requested for, the most recent requests first. */
  readonly repositories: () => Promise<readonly KnownRepository[]>
  /** Figures over the runs of some repositories. */
  readonly statistics: ReadStatistics
  /** What similar, earlier runs took and cost. */
  readonly similar: FindSimilar
}

export function createFigures(db: Database, now?: () => Date): Figures {
  return {
    repositories: () => listRepositories(db),
    statistics: createStatistics(db, now),
    similar: createFindSimilar(db),
  }
}
