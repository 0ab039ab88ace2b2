import type { Database } from '../../db/database.ts'
import { type KnownRepository, listRepositories } from './known-repositories.ts'
import { createFindSimilar, type FindSimilar } from './similar-runs.ts'
import { createStatistics, type ReadStatistics } from './statistics.ts'

/** What is known about many runs at once. */
export interface Figures {
  /** Repositories that runs were asked for, those of the newest runs first. */
  readonly repositories: () => Promise<readonly KnownRepository[]>
  /** Figures over the runs of some repositories. */
  readonly statistics: ReadStatistics
  /** What runs like one took and cost before it. */
  readonly similar: FindSimilar
}

export function createFigures(db: Database, now?: () => Date): Figures {
  return {
    repositories: () => listRepositories(db),
    statistics: createStatistics(db, now),
    similar: createFindSimilar(db),
  }
}
