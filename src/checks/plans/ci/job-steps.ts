import { isRecord } from '../../../text/is-record.ts'
import { mayRun, substitute, type Values } from './expressions.ts'

/** Actions that start a service for the steps after them. */
const ACTIONS =
  /^(?:supercharge\/(?:mongodb|redis)|(?:ikalnytskyi|ankane|harmon758|tj-actions|shogo82148)\/[\w-]*(?:postgres|mysql|redis|mariadb)|getong\/\w+-action|hoverkraft-tech\/compose-action|isbang\/compose-action|mirromutt\/mysql|zhulik\/redis|elastic\/elastic-github-actions|potatoqualitee\/mssqlsuite|reactivecircus\/android-emulator)/i
/** A line of a script that starts one. */
const STARTS =
  /\bdocker(?: container)? run (?:.{0,200} )?(?:-d|--detach)\b|\bdocker[- ]compose (?:.{0,200} )?up\b|\bservice [\w-]{1,40} (?:re)?start\b|\bsystemctl (?:re)?start\b|\bbrew services\b|\bpg_ctl(?:cluster)?\b|(?:^|\/|\s)(?:redis-server|mysqld|mongod|minikube start|kind create cluster)(?:\s|$)/
const MOST_STEPS = 100
const MOST_CHARACTERS = 16 * 1024

/** Whether a job has services beside its steps, or starts one before it tests; a sandbox has none. */
export function needsServices(job: Readonly<Record<string, unknown>>, values: Values): boolean {
  if (isRecord(job.services) || job.container !== undefined) return true
  const steps = Array.isArray(job.steps) ? job.steps.slice(0, MOST_STEPS) : []
  return steps.some((step: unknown) => {
    if (!isRecord(step) || !mayRun(step.if, values)) return false
    const { uses, run } = step
    if (typeof uses === 'string' && ACTIONS.test(uses)) return true
    const lines = typeof run === 'string' ? run.slice(0, MOST_CHARACTERS).split('\n') : []
    return lines.some((line) => line.length < 1000 && STARTS.test(line))
  })
}

/** `echo "NAME=value" >> $GITHUB_ENV` */
const EXPORT =
  /^\s{0,20}echo\s{1,9}(["']?)(\w{1,60})=(["']?)([^"'\n]{0,300})["']{0,2}\s{0,9}>>\s{0,9}["']?\$\{?GITHUB_ENV\b/

/**
 * Variables that steps of a job give to the steps after them, with their values as written. Those of steps that do not run
 * for a change on Linux are empty.
 */
export function exportedVariables(steps: unknown, values: Values): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  for (const step of Array.isArray(steps) ? steps.slice(0, MOST_STEPS) : []) {
    if (!isRecord(step) || typeof step.run !== 'string') continue
    const runs = mayRun(step.if, values)
    for (const line of step.run.slice(0, MOST_CHARACTERS).split('\n')) {
      if (line.length > 600) continue
      const [, , name, , value = ''] = EXPORT.exec(line) ?? []
      if (name === undefined) continue
      if (runs) found.set(name, substitute(value.trim(), values))
      else if (!found.has(name)) found.set(name, '')
    }
  }
  return Object.fromEntries(found)
}
