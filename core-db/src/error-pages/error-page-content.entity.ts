import { EntitySchema } from 'typeorm';

/** One page, however many sets and versions have it. */
export interface ErrorPageContentRow {
  /** SHA-256 of the HTML's UTF-8 bytes, in hex. */
  readonly hash: string;
  readonly html: string;
}

export const errorPageContentEntity = new EntitySchema<ErrorPageContentRow>({
  name: 'error_page_content',
  tableName: 'error_page_contents',
  columns: {
    hash: { type: 'text', primary: true },
    html: { type: 'text' },
  },
});
