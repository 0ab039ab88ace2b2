import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'
import { xmlElements } from './xml-elements.ts'

const PROJECT = /\.(?:cs|fs|vb)proj$/
const BY_NAME = /Tests?\.(?:cs|fs|vb)proj$/i
const PACKAGES = /^(?:Microsoft\.NET\.Test\.Sdk|xunit(?:\..+)?|NUnit|MSTest(?:\..+)?|TUnit)$/i
const MOST_PROJECTS = 60
const MOST_SOLUTIONS = 6
/** For a phone: Linux does not build it. A condition may say so on another platform alone. */
const ELSEWHERE = /<TargetFrameworks?>[^<]{0,300}-(?:android|ios|maccatalyst|tizen)|<UseMaui>\s{0,9}true/i

/**
 * A solution is tested if one of its projects is one of tests, and all can be built here; a project alone if it is one of
 * tests: others would pass without a test.
 */
export async function dotnetPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const here = folder.files.filter((file) => !file.includes('/'))
  const solutions = await testedFirst(
    folder,
    here.filter((file) => /\.slnx?$/.test(file)),
  )
  const own = here.filter((file) => PROJECT.test(file))
  const source = solutions[0] ?? own[0]
  if (source === undefined) return undefined
  const within = solutions.length > 0 ? folder.files.filter((file) => PROJECT.test(file)) : own
  const read = within.slice(0, MOST_PROJECTS)
  const isTested =
    ((await hasTests(folder, read)) || (await namesTests(folder, solutions[0]))) &&
    !(await isElsewhere(folder, read))
  // The tool refuses to choose.
  const named = solutions.length + own.length > 1 ? ` ${source}` : ''
  const isSafe = /^[\w./-]+$/.test(source)
  return {
    ecosystem: '.NET',
    source,
    setup: within.length > 0 && isSafe ? [`dotnet restore${named}`] : [],
    checks: isTested && isSafe ? [`dotnet test${named}`] : [],
  }
}

/** Of several solutions, one that names tests comes first: others are parts, or for a tool. */
async function testedFirst(folder: Folder, solutions: readonly string[]): Promise<readonly string[]> {
  if (solutions.length < 2) return solutions
  const texts = await Promise.all(
    solutions.slice(0, MOST_SOLUTIONS).map(async (file) => ({ file, text: (await folder.read(file)) ?? '' })),
  )
  const tested = texts.find(({ text }) => /Tests?\.(?:cs|fs|vb)proj"/i.test(text))?.file
  return tested === undefined ? solutions : [tested, ...solutions.filter((file) => file !== tested)]
}

async function isElsewhere(folder: Folder, projects: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(projects.map(folder.read))
  return texts.some((text) => ELSEWHERE.test(text ?? ''))
}

/** A solution beside its tests names them: `"..\tests\A.Tests\A.Tests.csproj"`. */
async function namesTests(folder: Folder, solution: string | undefined): Promise<boolean> {
  const text = solution === undefined ? undefined : await folder.read(solution)
  return /"\.\.[\\/][\w.\\/-]{0,200}Tests?\.(?:cs|fs|vb)proj"/i.test(text ?? '')
}

async function hasTests(folder: Folder, projects: readonly string[]): Promise<boolean> {
  if (projects.some((file) => BY_NAME.test(file))) return true
  const texts = await Promise.all(projects.map(folder.read))
  return texts.some((text) =>
    xmlElements(text).some(
      ({ path, attributes }) => path.endsWith('/PackageReference') && PACKAGES.test(attributes.Include ?? ''),
    ),
  )
}
