import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

const SOURCES = fileURLToPath(new URL('../box/', import.meta.url))
/** Like `src/compile-cache.js`, in a place where only a user who may change the code may write. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/backspace/', import.meta.url))

/** Name and text of each file of the program that runs in every local box. */
export type AgentProgram = Readonly<Record<string, string>>

/** The file to start. */
export const AGENT_FILE = 'box-agent.mjs'

/**
 * Converts sources that come as JSON. It runs in a process of its own, because Node's compiler for TypeScript takes 18
 * MB and prints that it is experimental.
 */
const STRIP = `
import { stripTypeScriptTypes } from 'node:module'
import { stdin, stdout } from 'node:process'
import { json } from 'node:stream/consumers'
const sources = await json(stdin)
stdout.write(JSON.stringify(sources.map(([name, text]) => [name, stripTypeScriptTypes(text)])))
`

/**
 * The agent's program as JavaScript. With TypeScript, Node would load its compiler in each box, which takes as long as
 * the rest of its start. The result is kept and used by later processes with the same sources.
 */
export async function readAgentProgram(): Promise<AgentProgram> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.ts')).sort()
  const sources = await Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(SOURCES, name), 'utf8')]),
  )
  const id = createHash('sha256')
    .update(JSON.stringify([process.version, STRIP, sources]))
    .digest('hex')
  const file = join(CACHE, `box-agent-${id.slice(0, 32)}.json`)
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return PROGRAM.parse(JSON.parse(known))
  const program = Object.fromEntries((await stripTypes(sources)).map(([name, text]) => toModule(name, text)))
  await keep(file, program).catch(() => undefined) // On a read-only image nothing can be kept.
  return program
}

const PROGRAM = z.record(z.string(), z.string())
const STRIPPED = z.array(z.tuple([z.string(), z.string()]))

async function stripTypes(sources: readonly [string, string][]): Promise<readonly [string, string][]> {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', STRIP]
  const running = promisify(execFile)(process.execPath, args, { env: {}, maxBuffer: 16 * 1024 * 1024 })
  running.child.stdin?.end(JSON.stringify(sources))
  const { stdout } = await running
  return STRIPPED.parse(JSON.parse(stdout))
}

/** Node decides by a file's name whether it is TypeScript. */
function toModule(name: string, text: string): [string, string] {
  return [name.replace(/\.ts$/, '.mjs'), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.mjs'")]
}

/** Writes a part file and renames it, since another process may read the file at any time. */
async function keep(file: string, program: AgentProgram): Promise<void> {
  const part = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(part, JSON.stringify(program))
  await rename(part, file)
}
