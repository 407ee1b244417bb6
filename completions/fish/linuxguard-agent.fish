# Completions of linuxguard-agent for fish. Generated from the table of its commands.
complete -c linuxguard-agent -f
complete -c linuxguard-agent -n 'not __fish_seen_subcommand_from run version help' -a run -d 'Run the agent in the foreground'
complete -c linuxguard-agent -n 'not __fish_seen_subcommand_from run version help' -a version -d 'Show the version'
complete -c linuxguard-agent -n 'not __fish_seen_subcommand_from run version help' -a help -d 'Show the help of a command'
complete -c linuxguard-agent -n 'not __fish_seen_subcommand_from run version help' -l version -s V -d 'Shows the version.'
complete -c linuxguard-agent -n 'not __fish_seen_subcommand_from run version help' -l help -s h -d 'Shows this help.'
complete -c linuxguard-agent -n '__fish_seen_subcommand_from run' -l config -s c -r -F -d 'Reads settings from FILE and from conf.d beside it.'
complete -c linuxguard-agent -n '__fish_seen_subcommand_from run' -l help -s h -d 'Shows this help.'
complete -c linuxguard-agent -n '__fish_seen_subcommand_from version' -l json -d 'Writes JSON, one object a line.'
complete -c linuxguard-agent -n '__fish_seen_subcommand_from version' -l help -s h -d 'Shows this help.'
complete -c linuxguard-agent -n '__fish_seen_subcommand_from help' -l help -s h -d 'Shows this help.'
