/** What the table of errors has for each code. */
export interface ErrorRow {
  /** Of HTTP. */
  readonly status: number
  /** Whether the same request may succeed later. */
  readonly retry: boolean
  /** What happened; `{name}` is filled from the error's details. */
  readonly text: string
  /** What to do. */
  readonly fix: string
}
