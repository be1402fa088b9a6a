"""联合攻关: the smallest team that covers what a technical problem asks for."""
