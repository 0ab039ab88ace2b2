import { xmlElements } from '../plans/ecosystems/xml-elements.ts'

/** The parts of a pom.xml that say which Maven its build needs. */
export interface Pom {
  /** For people: its path in the repository, or its coordinates. */
  readonly source: string
  readonly artifact: string
  readonly parent: PomParent | undefined
  readonly properties: ReadonlyMap<string, string>
  /** Versions and ranges of Maven that it asks for, as it writes them: `3.8.1`, `[3.9,4)`, `${maven.least}`. */
  readonly asked: readonly string[]
}

/** The coordinates of a parent. */
export interface PomParent {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Where the parent may be, relative to the folder of the pom.xml; empty if it comes from a registry. */
  readonly relativePath: string
}

const COORDINATE = /^\w[\w.-]{0,100}$/
/** Rules of the enforcer that hold in every build; those of a profile hold only in some. */
const ASKED =
  /^project\/(?:prerequisites\/maven|build\/(?:pluginManagement\/)?plugins\/plugin\/(?:executions\/execution\/)?configuration\/rules\/requireMavenVersion\/version)$/
const PROPERTY = /^project\/properties\/([\w.-]{1,100})$/
const VARIABLE = /\$\{([\w.-]{1,100})\}/
const MOST_STEPS = 9
const LONGEST = 300

/** Reads the text of a pom.xml, up to the first mistake in it. @param source see `Pom`. */
export function parsePom(text: string | undefined, source: string): Pom {
  const elements = xmlElements(text)
  const textOf = (wanted: string) => elements.find(({ path }) => path === wanted)?.text
  const inParent = (name: string) => textOf(`project/parent/${name}`)
  const [group = '', artifact = '', version = ''] = ['groupId', 'artifactId', 'version'].map(inParent)
  const relativePath = inParent('relativePath') ?? '../pom.xml'
  const isNamed = [group, artifact, version].every((part) => COORDINATE.test(part))
  return {
    source,
    artifact: textOf('project/artifactId') ?? '',
    parent: isNamed ? { group, artifact, version, relativePath } : undefined,
    properties: new Map(
      elements.flatMap(({ path, text: value }) => {
        const name = PROPERTY.exec(path)?.[1]
        return name === undefined ? [] : [[name, value] as const]
      }),
    ),
    asked: elements.filter(({ path }) => ASKED.test(path)).map((element) => element.text),
  }
}

/** A version of Maven that something asks for. */
export interface MavenWish {
  /** As it is written: `3.8.1` in a pom.xml means at least this version, `[3.9,4)` is a range. */
  readonly wanted: string
  /** The file, or the parent, for people. */
  readonly source: string
}

/** What a pom.xml and its parents ask for, with properties that the nearest of them has. @param poms the nearest first. */
export function wishesOfPoms(poms: readonly Pom[]): readonly MavenWish[] {
  function resolve(written: string): string {
    let text = written
    // One variable at a time and few of them, since values may name further variables, and each other.
    for (let step = 0; step < MOST_STEPS && text.length < LONGEST; step += 1) {
      const [whole = '', name = ''] = VARIABLE.exec(text) ?? []
      const value = poms.find(({ properties }) => properties.has(name))?.properties.get(name)
      if (value === undefined) break
      text = text.replace(whole, () => value)
    }
    return text
  }
  return poms.flatMap(({ asked, source }) => asked.map((wanted) => ({ wanted: resolve(wanted), source })))
}
