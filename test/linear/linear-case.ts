/** A function over text from outside, and the most that it gets. */
export interface LinearCase {
  /** Below `src/`. */
  readonly file: string
  readonly name: string
  /** UTF-16 units. */
  readonly limit: number
  readonly work: (text: string) => unknown
  /** Default: every hostile unit. */
  readonly units?: readonly string[]
}
