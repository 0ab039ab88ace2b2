import { serveTasks } from '../isolated/serve-tasks.ts'
import type { ReportInput } from '../verify/reports/read-report.ts'

/** The work that the service does in threads. The code of a task is loaded when it is first used. */
const TASKS = {
  diffFile: async () => (await import('../pipeline/collect/diff-file.ts')).diffFile,
  searchBytes: async () => (await import('../pipeline/gate/search-bytes.ts')).searchBytes,
  steeringOf: async () => (await import('../pipeline/gate/steering.ts')).steeringOf,
  findWrittenChanges: async () => (await import('../agent/dummy/find-written-changes.ts')).findWrittenChanges,
  codeOwners: async () => (await import('../agent/dummy/owners.ts')).codeOwnersOf,
  describePatch: async () => (await import('../pipeline/checkpoint/patch.ts')).describePatch,
  readReport: async () => {
    const { readReport } = await import('../verify/reports/read-report.ts')
    const { packReading } = await import('../verify/reports/pack-reading.ts')
    return (input: ReportInput) => packReading(readReport(input))
  },
  readCoverage: async () => (await import('../verify/line-coverage/read-coverage.ts')).readCoverage,
  judgeRequest: async () => (await import('../models/gateway/judge-request.ts')).judgeRequest,
  drawRun: async () => (await import('../web/pages/draw-run.ts')).drawRun,
}

export type ServiceTasks = typeof TASKS

serveTasks(TASKS)
