"""Mail servers for tests and benches: real ones, a sink, and a catalogue of ill-behaved ones."""
