import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

const SOURCES = fileURLToPath(new URL('../box/', import.meta.url))
/** Beside the packages, as `src/compile-cache.js`: only a user who may change the code may write there. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/backspace/', import.meta.url))

/** Files of the program that runs in every local box: name and text. */
export type AgentProgram = Readonly<Record<string, string>>

/** The file to start. */
export const AGENT_FILE = 'box-agent.mjs'

/** Reads the sources as JSON. In a process of its own: Node's compiler for TypeScript takes 18 MB, and says that it is new. */
const STRIP = `
import { stripTypeScriptTypes } from 'node:module'
import { stdin, stdout } from 'node:process'
import { json } from 'node:stream/consumers'
const sources = await json(stdin)
stdout.write(JSON.stringify(sources.map(([name, text]) => [name, stripTypeScriptTypes(text)])))
`

/**
 * The agent's program in JavaScript: with TypeScript, Node would load its compiler in each box, which takes as long as all
 * the rest of its start. What an earlier process made of the same sources is used again.
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
  await keep(file, program).catch(() => undefined) // A read-only image keeps nothing.
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

/** Node takes a file for TypeScript by its name. */
function toModule(name: string, text: string): [string, string] {
  return [name.replace(/\.ts$/, '.mjs'), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.mjs'")]
}

/** Another process may read the file meanwhile. */
async function keep(file: string, program: AgentProgram): Promise<void> {
  const part = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(part, JSON.stringify(program))
  await rename(part, file)
}
