import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Absolute path of a local git repository; undefined: the one that ships with the demo. */
  readonly repo: string | undefined
  /** Undefined: the scripted story. */
  readonly prompt: string | undefined
  readonly keep: boolean
  readonly live: boolean
}

export const USAGE = `npm run demo                                          the whole product on this machine, without keys
npm run demo -- --repo <path> --prompt "<what>"       the same on a copy of your own repository
npm run demo -- --live --repo <path> --prompt "…"     with the real models and E2B of your .env; prints the dollar cap
npm run demo -- --keep                                leaves everything running, to click around`

/** @throws {Error} that says what to write instead. */
export function readDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: { type: 'string' },
      prompt: { type: 'string' },
      keep: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const prompt = values.prompt?.trim() || undefined
  if (values.repo !== undefined && prompt === undefined) {
    throw new Error('--repo needs --prompt "<what to do>".')
  }
  if (values.live && prompt === undefined) throw new Error('--live needs --prompt "<what to do>".')
  const repo = values.repo === undefined ? undefined : resolve(values.repo)
  if (repo !== undefined && !existsSync(join(repo, '.git')) && !existsSync(join(repo, 'HEAD'))) {
    throw new Error('--repo must be the path of a git repository (a folder with .git in it).')
  }
  return { repo, prompt, keep: values.keep, live: values.live }
}
