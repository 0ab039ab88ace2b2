import type { OwnersQuery } from '../agent/dummy/owners.ts'
import { serveTasks } from '../isolated/serve-tasks.ts'
import type { GatewayRequest } from '../models/gateway/judge-request.ts'
import type { DiffableFile } from '../pipeline/collect/diff-file.ts'
import type { SecretQuery } from '../pipeline/gate/search-bytes.ts'
import type { SteeringFile } from '../pipeline/gate/steering.ts'
import type { CoverageInput } from '../verify/line-coverage/read-coverage.ts'
import type { ReportInput } from '../verify/reports/read-report.ts'
import type { Drawing } from '../web/pages/draw-run.ts'

/** The work that the service does in threads. Each task loads its code when it is first used. */
const TASKS = {
  diffFile: async (file: DiffableFile) => {
    const { diffFile } = await import('../pipeline/collect/diff-file.ts')
    return diffFile(file)
  },
  searchBytes: async (query: SecretQuery) => {
    const { searchBytes } = await import('../pipeline/gate/search-bytes.ts')
    return searchBytes(query)
  },
  steeringOf: async (file: SteeringFile) => {
    const { steeringOf } = await import('../pipeline/gate/steering.ts')
    return steeringOf(file)
  },
  findWrittenChanges: async (markdowns: readonly string[]) => {
    const { findWrittenChanges } = await import('../agent/dummy/find-written-changes.ts')
    return findWrittenChanges(markdowns)
  },
  codeOwners: async (query: OwnersQuery) => {
    const { codeOwnersOf } = await import('../agent/dummy/owners.ts')
    return codeOwnersOf(query)
  },
  describePatch: async (patch: Uint8Array) => {
    const { describePatch } = await import('../pipeline/checkpoint/patch.ts')
    return describePatch(patch)
  },
  readReport: async (input: ReportInput) => {
    const { readReport } = await import('../verify/reports/read-report.ts')
    const { packReading } = await import('../verify/reports/pack-reading.ts')
    return packReading(readReport(input))
  },
  readCoverage: async (input: CoverageInput) => {
    const { readCoverage } = await import('../verify/line-coverage/read-coverage.ts')
    return readCoverage(input)
  },
  judgeRequest: async (request: GatewayRequest) => {
    const { judgeRequest } = await import('../models/gateway/judge-request.ts')
    return judgeRequest(request)
  },
  drawRun: async (drawing: Drawing) => {
    const { drawRun } = await import('../web/pages/draw-run.ts')
    return drawRun(drawing)
  },
}

export type ServiceTasks = typeof TASKS

serveTasks(TASKS)
