/** The markdown codec: the board as people read it, and as the program does (DESIGN 4). */
export { type ArchiveReading, archivePath, formatArchive, parseArchive } from "./archive.ts";
export { CodecError } from "./codec-error.ts";
export { formatBoard } from "./format.ts";
export { type BoardReading, parseBoard } from "./parse.ts";
export { FORMAT as BOARD_FORMAT } from "./split.ts";
