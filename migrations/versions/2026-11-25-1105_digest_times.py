"""digest times

Revision ID: digest_times
Revises: inbound_mail
"""

import sqlalchemy as sa
from alembic import op


revision = 'digest_times'
down_revision = 'inbound_mail'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'digest_time',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('audience', sa.String(), nullable=False),
        sa.Column('cadence', sa.String(), nullable=False),
        sa.Column('weekday', sa.Integer(), nullable=False),
        sa.Column('hour', sa.Integer(), nullable=False),
        sa.CheckConstraint('hour BETWEEN 0 AND 23', name=op.f('ck_digest_time_hour')),
        sa.CheckConstraint('weekday BETWEEN 1 AND 7', name=op.f('ck_digest_time_weekday')),
        sa.CheckConstraint("cadence IN ('daily', 'weekly', 'monthly')", name=op.f('ck_digest_time_cadence')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_digest_time_person_id')),
        sa.PrimaryKeyConstraint('person_id', 'audience', name=op.f('pk_digest_time')),
    )
    op.create_index(op.f('ix_person_time_zone'), 'person', ['time_zone'])


def downgrade() -> None:
    op.drop_index(op.f('ix_person_time_zone'), table_name='person')
    op.drop_table('digest_time')
